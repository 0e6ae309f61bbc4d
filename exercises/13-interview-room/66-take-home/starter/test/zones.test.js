'use strict';
const assert = require('node:assert');
const zones = require('../src/zones');

module.exports = {
  'Leh is the farthest'() {
    assert.equal(Math.max(...Object.values(zones)), zones.Leh);
  },
};
