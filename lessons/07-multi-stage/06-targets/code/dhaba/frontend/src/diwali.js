// Last year's special. Nobody imports it any more.
export const diwali = [['kesar', 40]];
