'use strict';
const assert = require('node:assert');
const { quote } = require('../src/delivery');

module.exports = {
  'next door is five minutes away'() {
    assert.equal(quote(25000, 25000, 2), '2 cups in 5 minutes: Rs 40');
  },
  'a big order gets its commas'() {
    assert.match(quote(25000, 25000, 10000), /Rs 1,50,010$/);
  },
};
