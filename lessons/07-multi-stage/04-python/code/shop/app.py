import kirana

print("Bill:", kirana.bill(1500, 1500, 2000))
