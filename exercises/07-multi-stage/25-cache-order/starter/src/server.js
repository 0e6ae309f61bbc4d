'use strict';
const router = require('chai-router');
const rupees = require('rupees');
const menu = require('./menu');

const app = router();

app.get('/', () => 'Sharma Chai, Pune. Ask /menu or /order?item=masala&cups=12');

app.get('/menu', () => menu.map(({ item, price }) => `${item}: ${rupees(price)}`).join('\n'));

app.get('/order', (query) => {
  const item = query.get('item') ?? 'masala';
  const cups = Number(query.get('cups') ?? 1);
  const found = menu.find((row) => row.item === item);
  return found ? `${cups} x ${item}: ${rupees(found.price * cups)}` : `no ${item} here`;
});

app.listen(3000, () => console.log('chai-orders on port 3000'));
