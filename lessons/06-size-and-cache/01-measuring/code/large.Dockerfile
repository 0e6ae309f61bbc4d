FROM node:24
CMD ["true"]
