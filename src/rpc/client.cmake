# Addresses and the blocking client stand alone, so that tools start without the server's libraries.
coord_library(coord_rpc_client
  SOURCES address.cc client.cc
  HEADERS address.h client.h
  DEPS coord_value)
