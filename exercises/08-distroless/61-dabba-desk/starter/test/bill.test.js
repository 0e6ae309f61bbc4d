'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { bill } = require('../src/bill');

test('three thalis', () => assert.strictEqual(bill(3), '3 thali: Rs 360'));
