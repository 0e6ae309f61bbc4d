import { menu } from './menu.js';

// Every stall has its own price server.
const api = import.meta.env.VITE_API_URL;

for (const [name, price] of menu) {
  const item = document.createElement('li');
  item.textContent = `${name}  Rs ${price}`;
  document.querySelector('#menu').append(item);
}
console.log(`today's prices come from ${api}`);
