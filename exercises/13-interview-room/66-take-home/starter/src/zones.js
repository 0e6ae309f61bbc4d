'use strict';

// Rupees for each 500 g begun.
module.exports = { Pune: 40, Lucknow: 55, Kochi: 65, Guwahati: 80, Leh: 120 };
