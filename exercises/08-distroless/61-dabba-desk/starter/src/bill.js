'use strict';
const rupees = require('rupees');

exports.bill = (thali) => `${thali} thali: ${rupees(thali * 120)}`;
