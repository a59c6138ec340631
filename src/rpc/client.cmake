# The blocking client stands alone, so that tools start without the server's libraries.
coord_library(coord_rpc_client
  SOURCES client.cc
  HEADERS client.h
  DEPS coord_connect coord_value)
