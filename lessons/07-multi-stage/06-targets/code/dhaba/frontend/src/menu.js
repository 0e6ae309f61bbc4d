// The menu as it hangs at the stall.
export const menu = [
  ['masala', 15],
  ['adrak', 15],
  ['elaichi', 20],
];
