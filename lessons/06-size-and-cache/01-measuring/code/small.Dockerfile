FROM busybox:1.37
CMD ["true"]
