//! What can go wrong at the desk.

use guildhall_base::{Code, Kind};

/// Jobs of this kind are started by programs and staff only.
pub(crate) const NOT_OFFERED: Code =
    Code::new(Kind::Forbidden, 0, "job_not_offered", "Jobs of this kind are not started by people.");
