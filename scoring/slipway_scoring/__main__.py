from slipway_scoring.cli import main

raise SystemExit(main())
