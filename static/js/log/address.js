// Lines in the page's address.

/** "#L120" and "#L120-L135" as [first, last], anything else as null. */
export function range(hash) {
  const found = /^#L(\d+)(?:-L(\d+))?$/.exec(hash);
  return found && [Number(found[1]), Number(found[2] ?? found[1])];
}
