// Readers of the parameters of each kind of transformation, for the table in
// transformations.cc.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATION_KINDS_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATION_KINDS_H_

#include <memory>

#include "src/frontend/sigma/pipeline_yaml.h"
#include "src/frontend/sigma/transformations.h"
#include "src/text/source.h"

namespace tocsin::sigma {

using SourcePtr = std::shared_ptr<const text::Source>;
using TransformationPtr = std::unique_ptr<Transformation>;

// field_transformations.cc
TransformationPtr ParseFieldNameMapping(MapReader*, const SourcePtr&);
TransformationPtr ParseFieldNamePrefixMapping(MapReader*, const SourcePtr&);
TransformationPtr ParseFieldNamePrefix(MapReader*, const SourcePtr&);
TransformationPtr ParseFieldNameSuffix(MapReader*, const SourcePtr&);

// value_transformations.cc
TransformationPtr ParseValuePlaceholders(MapReader*, const SourcePtr&);
TransformationPtr ParseWildcardPlaceholders(MapReader*, const SourcePtr&);
TransformationPtr ParseMapString(MapReader*, const SourcePtr&);
TransformationPtr ParseReplaceString(MapReader*, const SourcePtr&);
TransformationPtr ParseCase(MapReader*, const SourcePtr&);
TransformationPtr ParseSetValue(MapReader*, const SourcePtr&);
TransformationPtr ParseConvertType(MapReader*, const SourcePtr&);
TransformationPtr ParseHashesFields(MapReader*, const SourcePtr&);
TransformationPtr ParseDropDetectionItem(MapReader*, const SourcePtr&);
TransformationPtr ParseDetectionItemFailure(MapReader*, const SourcePtr&);

// rule_transformations.cc
TransformationPtr ParseAddCondition(MapReader*, const SourcePtr&);
TransformationPtr ParseChangeLogsource(MapReader*, const SourcePtr&);
TransformationPtr ParseAddField(MapReader*, const SourcePtr&);
TransformationPtr ParseRemoveField(MapReader*, const SourcePtr&);
TransformationPtr ParseSetField(MapReader*, const SourcePtr&);
TransformationPtr ParseSetState(MapReader*, const SourcePtr&);
TransformationPtr ParseSetCustomAttribute(MapReader*, const SourcePtr&);
TransformationPtr ParseRuleFailure(MapReader*, const SourcePtr&);
TransformationPtr ParseStrictFieldMappingFailure(MapReader*, const SourcePtr&);
TransformationPtr ParseNest(MapReader*, const SourcePtr&);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATION_KINDS_H_
