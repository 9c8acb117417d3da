//! A small application: it counts votes in VoltDB, and tells who leads.

use voltdb_client_rust::*;

pub const VOTES_A_PHONE: i64 = 2;

/// Vote; gives the reason where the vote doesn't count.
pub fn vote(node: &Node, phone: i64, contestant: i32) -> Result<Option<String>, VoltError> {
    let mut table = call(node, "Vote", volt_param![phone, contestant, VOTES_A_PHONE])?;
    table.advance_row();
    Ok(match table.take::<i64>(0)? {
        1 => Some("there is no such contestant".into()),
        2 => Some(format!("a phone has {VOTES_A_PHONE} votes")),
        _ => None,
    })
}

/// The name of who has the most votes; None before the first vote.
pub fn leader(node: &Node) -> Result<Option<String>, VoltError> {
    let mut table = call(node, "Results", vec![])?;
    if !table.advance_row() {
        return Ok(None);
    }
    table.fetch::<Option<String>>("CONTESTANT_NAME")
}

fn call(node: &Node, procedure: &str, params: Vec<&dyn Value>) -> Result<VoltTable, VoltError> {
    block_for_result(&node.call_sp(procedure, params)?)
}
