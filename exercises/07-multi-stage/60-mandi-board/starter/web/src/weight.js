// A quintal is 100 kg.
export function perKg(quintal) {
  return quintal / 100;
}
