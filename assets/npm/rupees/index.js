'use strict';

// 1234567 -> Rs 12,34,567: three digits, then groups of two.
module.exports = function rupees(amount) {
  const digits = String(Math.round(amount));
  const last = digits.slice(-3);
  const rest = digits.slice(0, -3).replace(/\B(?=(\d{2})+(?!\d))/g, ',');
  return 'Rs ' + (rest ? rest + ',' : '') + last;
};
