#pragma once

#include <calyptenora/vocabulary.hpp>

#include <optional>

/// How a personal datum stands in the record of an operation.
///
/// A record is written once, as a template over the wrapper of its personal fields:
///
///     template <template <Category, class> class Field>
///     struct LearningEvent {
///         std::string id;                                                    // impersonal: always sent
///         Field<Category::user_education_progress, std::string> lesson;      // personal: the gate decides
///         BOOST_DESCRIBE_CLASS(LearningEvent, (), (id, lesson), (), ())
///     };
///
/// Plugins see `LearningEvent<Released>`, where each personal field is an optional. The core fills
/// `LearningEvent<gate::Guarded>`, whose fields nothing but the gate can read out. One list of fields serves
/// both.
namespace calyptenora {

/// A personal datum as a plugin receives it: there, or not. Not known and not released look the same.
template <Category, class T>
using Released = std::optional<T>;

}  // namespace calyptenora
