'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { bill } = require('../src/bill');

test('two masala and an elaichi', () => assert.strictEqual(bill(15, 15, 20), 'Rs 50'));
