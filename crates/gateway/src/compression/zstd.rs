//! Pieces of one never-ended zstd frame (RFC 8878): its header, then raw blocks.

/// Magic number; a frame header without checksum, dictionary or size; a window of 128 KiB, which is also the largest
/// block.
pub(super) const OPENING: [u8; 6] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3];

const BLOCK_MAX: usize = 128 << 10;

/// Writes bytes as raw blocks, none of them the last.
pub(super) fn put_raw(out: &mut Vec<u8>, bytes: &[u8]) {
    for block in bytes.chunks(BLOCK_MAX) {
        // Last_Block 0, Block_Type 0 (raw), Block_Size in the upper 21 bits.
        let [a, b, c, _] = ((block.len() as u32) << 3).to_le_bytes();
        out.extend_from_slice(&[a, b, c]);
        out.extend_from_slice(block);
    }
}
