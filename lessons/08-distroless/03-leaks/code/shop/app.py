MARGIN = 0.35  # nobody must know this

def price(cost):
    return round(cost * (1 + MARGIN))
