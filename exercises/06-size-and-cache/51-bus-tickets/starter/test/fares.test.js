'use strict';
const assert = require('node:assert');
const rupees = require('rupees');

module.exports = {
  'a lakh has its comma'() {
    assert.equal(rupees(100000), 'Rs 1,00,000');
  },
};
