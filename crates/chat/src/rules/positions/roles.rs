//! The order of roles: `@everyone` at 0 for ever, the others 1, 2, 3 and so on upwards.

use std::cmp::Reverse;
use std::collections::HashMap;

use guildhall_base::RoleId;

use super::{Refused, Why, arrange, index, position};

/// How many roles a guild may have, `@everyone` included.
pub const MAX_ROLES: usize = 250;

/// A role's place as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleSlot {
    /// The role.
    pub id: RoleId,
    /// Where it stands.
    pub position: i64,
}

/// A wish to move a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleMove {
    /// Which.
    pub id: RoleId,
    /// Where to; `None` leaves it to the others' moves. 0 means 1, the lowest place there is.
    pub position: Option<i64>,
}

/// A role whose row changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleShift {
    /// Which.
    pub id: RoleId,
    /// Its old position.
    pub from: i64,
    /// Its new position.
    pub to: i64,
}

/// Moves roles. `current` is all roles of the guild in any order, `everyone` the guild's own id. Returns the rows
/// that change, from the lowest new position up.
pub fn move_roles(
    everyone: RoleId,
    current: &[RoleSlot],
    moves: &[RoleMove],
) -> Result<Vec<RoleShift>, Refused> {
    let mut wishes: HashMap<RoleId, Option<i64>> = HashMap::with_capacity(moves.len());
    let known: HashMap<RoleId, i64> = current.iter().map(|slot| (slot.id, slot.position)).collect();
    for (index, wish) in moves.iter().enumerate() {
        let refuse = |why| Err(Refused { index, why });
        match wish.position {
            _ if !known.contains_key(&wish.id) => return refuse(Why::Unknown),
            Some(position) if position < 0 => return refuse(Why::Negative),
            Some(position) if position > 0 && wish.id == everyone => return refuse(Why::Everyone),
            _ if wishes.insert(wish.id, wish.position).is_some() => return refuse(Why::Twice),
            _ => {}
        }
    }
    let rest: Vec<RoleSlot> = ordered(everyone, current)
        .into_iter()
        .filter(|slot| slot.id == everyone || wishes.get(&slot.id).copied().flatten().is_none())
        .collect();
    let mut moved: Vec<(usize, RoleSlot)> = moves
        .iter()
        .filter(|wish| wish.id != everyone)
        .filter_map(|wish| {
            let wanted = index(wish.position?)?.max(1);
            Some((wanted, RoleSlot { id: wish.id, position: *known.get(&wish.id)? }))
        })
        .collect();
    Ok(shifts(&arrange(&rest, &mut moved), 0))
}

/// Makes room for a new role at position 1, just above `@everyone`, where clients expect it and where everybody who
/// may create roles may also edit and give it. Returns its position and the rows that change.
pub fn create_role(everyone: RoleId, current: &[RoleSlot]) -> (i64, Vec<RoleShift>) {
    let mut order = ordered(everyone, current);
    let others = order.split_off(order.len().min(1));
    (1, shifts(&others, 2))
}

/// Closes the gap that a deleted role leaves. Returns the rows that change; `current` may still hold the role.
pub fn delete_role(everyone: RoleId, current: &[RoleSlot], id: RoleId) -> Vec<RoleShift> {
    let mut order = ordered(everyone, current);
    order.retain(|slot| slot.id != id || slot.id == everyone);
    shifts(&order, 0)
}

/// The roles from the lowest up, of equal positions the older above, `@everyone` lowest whatever is stored.
fn ordered(everyone: RoleId, current: &[RoleSlot]) -> Vec<RoleSlot> {
    let mut order = current.to_vec();
    order.sort_unstable_by_key(|slot| (slot.id != everyone, slot.position, Reverse(slot.id)));
    order
}

/// Those whose stored position is not the one they have in `order`, counted from `first`.
fn shifts(order: &[RoleSlot], first: usize) -> Vec<RoleShift> {
    order
        .iter()
        .enumerate()
        .map(|(index, slot)| RoleShift { id: slot.id, from: slot.position, to: position(first + index) })
        .filter(|shift| shift.from != shift.to)
        .collect()
}
