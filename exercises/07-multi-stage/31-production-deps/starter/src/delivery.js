'use strict';
const minutes = require('delivery-grid');
const rupees = require('rupees');

const CUP = 15;
const RIDER_PER_MINUTE = 2;

exports.quote = function quote(east, north, cups) {
  const time = minutes(east, north);
  return `${cups} cups in ${time} minutes: ${rupees(cups * CUP + time * RIDER_PER_MINUTE)}`;
};
