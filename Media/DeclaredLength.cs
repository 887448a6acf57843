using System.Buffers.Binary;
using System.Numerics;
using Streaming.Videos;

namespace Streaming.Media;

/// <summary>
/// How long a file of Matroska (RFC 9559), AVI or Windows Media says it is, by the sizes of its outermost parts. Reads a few bytes of each.
/// </summary>
internal static class DeclaredLength
{
    private const int MaxParts = 1_024;
    private const int HeadBytes = 24;

    // Some writers of AVI count the head of its first part, and such files play.
    private const int AviTolerance = 8;

    /// <summary>Bytes that are missing at the end; 0 where none are, and where the file does not tell.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static long Missing(string path, VideoFormat format)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        Span<byte> head = stackalloc byte[HeadBytes];
        long at = 0;
        for (var parts = 0; parts < MaxParts && at < length; parts++)
        {
            var read = head[..RandomAccess.Read(file, head, at)];
            var size = format switch
            {
                VideoFormat.WebM or VideoFormat.Matroska => Element(read),
                VideoFormat.Avi => Riff(read),
                VideoFormat.WindowsMedia => AsfObject(read),
                _ => null,
            };
            if (size is not { } known)
                return 0;

            if (known > length - at)
            {
                var missing = known - (length - at);
                return format == VideoFormat.Avi && missing <= AviTolerance ? 0 : missing;
            }

            at += format == VideoFormat.Avi ? known + (known & 1) : known;
        }

        return 0;
    }

    /// <summary>The header, the segment, and what may stand beside them: padding and checksums. Null for anything else, and for one of unknown size.</summary>
    private static long? Element(ReadOnlySpan<byte> head)
    {
        var id = head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) || head.StartsWith((ReadOnlySpan<byte>)[0x18, 0x53, 0x80, 0x67]) ? 4
            : head is [0xEC or 0xBF, ..] ? 1
            : 0;
        if (id == 0 || head.Length == id || head[id] == 0)
            return null;

        var width = BitOperations.LeadingZeroCount((uint)head[id]) - 23;
        if (head.Length < id + width)
            return null;

        long size = 0;
        foreach (var part in head.Slice(id, width))
            size = (size << 8) | part;

        // Without the bit that tells the width; all others set is what a live recording has.
        var max = (1L << (7 * width)) - 1;
        size &= max;
        return size == max ? null : id + width + size;
    }

    /// <summary>Null for anything else, and while a recording goes on.</summary>
    private static long? Riff(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || !head.StartsWith("RIFF"u8) || !(head[8..].StartsWith("AVI "u8) || head[8..].StartsWith("AVIX"u8)))
            return null;

        var size = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return size is 0 or uint.MaxValue ? null : 8L + size;
    }

    /// <summary>The header and the data; null for anything else, and for a broadcast.</summary>
    private static long? AsfObject(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> rest = [0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C];
        if (head.Length < HeadBytes || head[0] is not (0x30 or 0x36) || !head[1..].StartsWith(rest))
            return null;

        var size = BinaryPrimitives.ReadUInt64LittleEndian(head[16..]);
        return size is < HeadBytes or > long.MaxValue ? null : (long)size;
    }
}
