#!/bin/sh
# A shifted simulator that stands in for silicon: the decisions of nahas_edge over another base, with another
# clock, interconnect, IO latency, vector unit and overheads. Writes nahas_shifted.yaml and
# nahas_edge_shifted.yaml into a folder; with technology 28nm energies and areas are shifted too.
# usage: shifted_space.sh FOLDER
set -eu
folder=$(CDPATH='' cd -- "$1" && pwd)
CDPATH='' cd -- "$(dirname -- "$0")/.."
sed -e 's/^name: .*/name: nahas_shifted/' -e 's/^clock_ghz: [0-9.]*/clock_ghz: 1.0/' \
  -e 's/^drain_cycles: [0-9]*/drain_cycles: 20/' \
  -e 's/^broadcast_bytes_per_cycle: [0-9]*/broadcast_bytes_per_cycle: 128/' \
  -e 's/^link_bytes_per_pe_cycle: [0-9]*/link_bytes_per_pe_cycle: 8/' \
  -e 's/^layer_launch_cycles: [0-9]*/layer_launch_cycles: 1000/' \
  -e 's/^vector_elements_per_lane_cycle: [0-9.]*/vector_elements_per_lane_cycle: 0.5/' \
  -e 's/^io_latency_cycles: [0-9]*/io_latency_cycles: 300/' \
  -e 's/^tile_issue_cycles: [0-9]*/tile_issue_cycles: 32/' \
  configs/accelerators/nahas_baseline.yaml >"$folder/nahas_shifted.yaml"
sed -e 's/^name: .*/name: nahas_edge_shifted/' -e 's|^base: [^ ]*|base: ./nahas_shifted.yaml|' \
  configs/spaces/nahas_edge.yaml >"$folder/nahas_edge_shifted.yaml"
