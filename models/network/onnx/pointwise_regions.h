#pragma once

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// What several nodes make of one tensor, number by number and with constants of one number, is a
/// function of one number, and so a table: GELU in its ways of writing, maximum of x and a part of
/// it, and others. The node that gives the result becomes one of operator "Table" that reads the
/// tensor; the others are left, unread. Activations that have operators of their own stay, and so
/// does what is a sum or product of such.
OnnxGraph with_tables(OnnxGraph graph);

}  // namespace dovetail
