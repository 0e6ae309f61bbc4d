import { perKg } from './weight.js';

// Rates are called out for a quintal; people at home buy by the kilo.
for (const [crop, quintal] of [['pyaaz', 2200], ['tamatar', 1800], ['aloo', 1400]]) {
  const item = document.createElement('li');
  item.textContent = `${crop}  Rs ${perKg(quintal)} a kg`;
  document.querySelector('#rates').append(item);
}
