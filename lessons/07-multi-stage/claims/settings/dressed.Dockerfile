FROM busybox:1.37
LABEL shop=tapri
ENV CUPS=40
RUN echo masala > /menu
EXPOSE 8080
USER 10001
CMD ["cat", "/menu"]
