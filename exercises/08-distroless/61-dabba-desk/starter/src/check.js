// Ends with 0 when the desk of this container is well, else with 1.
'use strict';
const well = (yes) => process.exit(yes ? 0 : 1);
fetch('http://127.0.0.1:3000/healthz').then((response) => well(response.ok), () => well(false));
