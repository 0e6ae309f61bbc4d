FROM busybox:1.37
RUN echo masala > /menu
