'use strict';
const rupees = require('rupees');

exports.bill = (...prices) => rupees(prices.reduce((sum, price) => sum + price, 0));
