// Readers of the parameters of each kind of transformation, for the table in
// transformations.cc.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATION_KINDS_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATION_KINDS_H_

#include <memory>

#include "src/frontend/sigma/pipeline_yaml.h"
#include "src/frontend/sigma/transformations.h"

namespace tocsin::sigma {

using TransformationPtr = std::unique_ptr<Transformation>;

// field_transformations.cc
TransformationPtr ParseFieldNameMapping(MapReader*, PipelineFile*);
TransformationPtr ParseFieldNamePrefixMapping(MapReader*, PipelineFile*);
TransformationPtr ParseFieldNamePrefix(MapReader*, PipelineFile*);
TransformationPtr ParseFieldNameSuffix(MapReader*, PipelineFile*);

// value_transformations.cc
TransformationPtr ParseValuePlaceholders(MapReader*, PipelineFile*);
TransformationPtr ParseWildcardPlaceholders(MapReader*, PipelineFile*);
TransformationPtr ParseMapString(MapReader*, PipelineFile*);
TransformationPtr ParseReplaceString(MapReader*, PipelineFile*);
TransformationPtr ParseCase(MapReader*, PipelineFile*);
TransformationPtr ParseSetValue(MapReader*, PipelineFile*);
TransformationPtr ParseConvertType(MapReader*, PipelineFile*);
TransformationPtr ParseHashesFields(MapReader*, PipelineFile*);
TransformationPtr ParseDropDetectionItem(MapReader*, PipelineFile*);
TransformationPtr ParseDetectionItemFailure(MapReader*, PipelineFile*);

// rule_transformations.cc
TransformationPtr ParseAddCondition(MapReader*, PipelineFile*);
TransformationPtr ParseChangeLogsource(MapReader*, PipelineFile*);
TransformationPtr ParseAddField(MapReader*, PipelineFile*);
TransformationPtr ParseRemoveField(MapReader*, PipelineFile*);
TransformationPtr ParseSetField(MapReader*, PipelineFile*);
TransformationPtr ParseSetState(MapReader*, PipelineFile*);
TransformationPtr ParseSetCustomAttribute(MapReader*, PipelineFile*);
TransformationPtr ParseRuleFailure(MapReader*, PipelineFile*);
TransformationPtr ParseStrictFieldMappingFailure(MapReader*, PipelineFile*);
TransformationPtr ParseNest(MapReader*, PipelineFile*);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATION_KINDS_H_
