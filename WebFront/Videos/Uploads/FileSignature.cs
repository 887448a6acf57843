using System.Buffers.Binary;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>Tells what kind of video a file is by its first bytes. What a client says that it is counts for nothing.</summary>
internal static class FileSignature
{
    /// <summary>So many first bytes are enough for every format; a shorter file may be one too.</summary>
    public const int Bytes = 4_096;

    private const int Packets = 4;
    private const int MoreThanChance = 8;

    // What begins as an MP4 file does, and shows no pictures that move.
    private static readonly string[] OtherBrands = ["M4A ", "M4B ", "M4P ", "avif", "avis", "mif1", "msf1", "heic", "heix", "hevc", "hevx", "heim", "heis", "crx "];

    private static ReadOnlySpan<byte> Matroska => [0x1A, 0x45, 0xDF, 0xA3];

    private static ReadOnlySpan<byte> DocType => [0x42, 0x82];

    private static ReadOnlySpan<byte> WindowsMedia => [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C];

    /// <summary>Null for what is no video, or of none of the formats.</summary>
    public static VideoFormat? FormatOf(ReadOnlySpan<byte> head)
    {
        head = head[..Math.Min(head.Length, Bytes)];
        return IsoMedia(head)
            ?? Ebml(head)
            ?? (head.StartsWith("RIFF"u8) && At(head, 8, "AVI "u8) ? VideoFormat.Avi
                : head.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0xBA]) ? VideoFormat.MpegProgram
                : head.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0xB3]) ? VideoFormat.MpegVideo
                : head.StartsWith("FLV\u0001"u8) ? VideoFormat.FlashVideo
                : head.StartsWith("OggS"u8) && HasPictures(head) ? VideoFormat.Ogg
                : head.StartsWith(WindowsMedia) ? VideoFormat.WindowsMedia
                : IsTransport(head) ? VideoFormat.MpegTransport
                : null);
    }

    /// <summary>
    /// A box: its size, its type, and in <c>ftyp</c> the brand. Files of QuickTime may begin with others, empty ones among them; a segment of a stream with
    /// <c>styp</c>.
    /// </summary>
    private static VideoFormat? IsoMedia(ReadOnlySpan<byte> head)
    {
        for (var isFirst = true; head.Length >= (isFirst ? 12 : 8); isFirst = false)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (size is > 1 and < 8)
                return null;

            var type = head.Slice(4, 4);
            if (type.SequenceEqual("moov"u8) || type.SequenceEqual("mdat"u8) || type.SequenceEqual("wide"u8))
                return VideoFormat.QuickTime;

            if (type.SequenceEqual("ftyp"u8) || type.SequenceEqual("styp"u8))
                return FormatOfBrand(head[8..]);

            if (!type.SequenceEqual("free"u8) && !type.SequenceEqual("skip"u8) && !type.SequenceEqual("pnot"u8) && !type.SequenceEqual("uuid"u8))
                return null;

            // What such a box hides is seen when it is looked at.
            if (size is 0 or 1 || size > head.Length - 8)
                return VideoFormat.QuickTime;

            head = head[(int)size..];
        }

        return null;
    }

    private static VideoFormat? FormatOfBrand(ReadOnlySpan<byte> brand)
    {
        if (brand.Length < 4)
            return null;

        if (brand.StartsWith("qt  "u8))
            return VideoFormat.QuickTime;

        foreach (var other in OtherBrands)
        {
            if (System.Text.Ascii.Equals(brand[..4], other))
                return null;
        }

        return VideoFormat.Mp4;
    }

    /// <summary>The header's elements, up to the one that names the document's type.</summary>
    private static VideoFormat? Ebml(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith(Matroska))
            return null;

        head = head[Matroska.Length..];
        if (!TryReadLength(ref head, out _))
            return null;

        while (head.Length > 3)
        {
            var isType = head.StartsWith(DocType);
            // All elements of this header have ids of two bytes, but for padding and a checksum, of one.
            head = head[(head[0] >= 0x80 ? 1 : 2)..];
            if (!TryReadLength(ref head, out var length) || length > head.Length)
                return null;

            if (isType)
                return At(head[..length], 0, "webm"u8) ? VideoFormat.WebM : At(head[..length], 0, "matroska"u8) ? VideoFormat.Matroska : null;

            head = head[length..];
        }

        return null;
    }

    /// <summary>A number whose first byte says by its leading zeros how many bytes it has.</summary>
    private static bool TryReadLength(ref ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.IsEmpty || bytes[0] == 0)
            return false;

        var size = System.Numerics.BitOperations.LeadingZeroCount((uint)bytes[0]) - 23;
        if (bytes.Length < size)
            return false;

        var value = (ulong)bytes[0] & ((1UL << (8 - size)) - 1);
        foreach (var next in bytes[1..size])
            value = (value << 8) | next;

        bytes = bytes[size..];
        length = (int)Math.Min(value, int.MaxValue);
        return true;
    }

    /// <summary>Each stream names its codec in a first page of its own, and all of these come first.</summary>
    private static bool HasPictures(ReadOnlySpan<byte> head) =>
        head.IndexOf((ReadOnlySpan<byte>)[0x80, .. "theora"u8]) >= 0 || head.IndexOf("OVP80"u8) >= 0 || head.IndexOf("BBCD\0"u8) >= 0 || head.IndexOf("\u0001video"u8) >= 0;

    /// <summary>Packets of 188 bytes, by their distance; with four bytes before each (M2TS), or sixteen behind (204). A recording may begin in the middle of one.</summary>
    private static bool IsTransport(ReadOnlySpan<byte> head)
    {
        if (IsTransport(head, 188, 0, Packets) || IsTransport(head, 192, 4, Packets) || IsTransport(head, 204, 0, Packets))
            return true;

        foreach (var packet in (ReadOnlySpan<int>)[188, 192, 204])
        {
            for (var first = 1; first < packet; first++)
            {
                // A packet has content, or an adaptation field: in letters, which are what has no other signs of one, there are neither.
                if (IsTransport(head, packet, first, MoreThanChance) && head.Length > first + 3 && (head[first + 3] & 0x30) != 0)
                    return true;
            }
        }

        return false;
    }

    private static bool IsTransport(ReadOnlySpan<byte> head, int packet, int sync, int packets)
    {
        for (var i = 0; i < packets; i++)
        {
            if (head.Length <= sync + (i * packet) || head[sync + (i * packet)] != 0x47)
                return false;
        }

        return true;
    }

    private static bool At(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> what) => head.Length >= offset && head[offset..].StartsWith(what);
}
