import assert from 'node:assert';
import test from 'node:test';
import { perKg } from '../src/weight.js';

test('2200 a quintal are 22 a kilo', () => assert.strictEqual(perKg(2200), 22));
test('nothing costs nothing', () => assert.strictEqual(perKg(0), 0));
