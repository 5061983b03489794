#pragma once
// Y of judgements of TREC or BEIR, for tools that read queries with ids.

#include <string>

#include "xmr/io/names.hpp"
#include "xmr/io/row_ids.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/observer.hpp"

namespace xmr::tools {

// Returns ids × names: the judged labels of positive weight of each row. Warns of judgements of other queries. Throws
// DataError for a document that is no label, and for a file of another form.
CsrMatrix judged_labels(const std::string& path, const RowIds& ids, const LabelNames& names, Observer& observer);

}  // namespace xmr::tools
