'use strict';

module.exports = [
  { item: 'cutting', price: 10 },
  { item: 'masala', price: 15 },
  { item: 'adrak', price: 18 },
  { item: 'irani', price: 25 },
];
