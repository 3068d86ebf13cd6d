// The blocks of a service's log: one for each replica, none of which ever ends.

/** "iris-r2-7d9f8c6b5-x2k4q" as "x2k4q": what tells the replicas of one workload apart. */
export const shortName = (replica) => replica.slice(replica.lastIndexOf("-") + 1);

export class Replicas {
  head({ step }) {
    return { title: shortName(step) || "Log", hint: step };
  }

  update() {}
  fold() {}
  openFailure() {}
}
