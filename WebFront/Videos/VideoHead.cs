using System.Buffers.Binary;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>Tells what kind of video a file is by its first bytes. What a client says that it is counts for nothing.</summary>
internal static class VideoHead
{
    /// <summary>So many first bytes are enough for every format; a shorter file may be one too.</summary>
    public const int Bytes = 4_096;

    private const int Packets = 4;

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
                : head.StartsWith("FLV\u0001"u8) ? VideoFormat.FlashVideo
                : head.StartsWith("OggS"u8) && HasPictures(head) ? VideoFormat.Ogg
                : head.StartsWith(WindowsMedia) ? VideoFormat.WindowsMedia
                : IsTransport(head, 188, 0) || IsTransport(head, 192, 4) ? VideoFormat.MpegTransport
                : null);
    }

    /// <summary>A box: its size, its type, and in <c>ftyp</c> the brand. Older QuickTime files begin with another box.</summary>
    private static VideoFormat? IsoMedia(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || BinaryPrimitives.ReadUInt32BigEndian(head) is not (1 or >= 8))
            return null;

        if (At(head, 4, "moov"u8) || At(head, 4, "mdat"u8) || At(head, 4, "wide"u8))
            return VideoFormat.QuickTime;

        if (!At(head, 4, "ftyp"u8))
            return null;

        if (At(head, 8, "qt  "u8))
            return VideoFormat.QuickTime;

        foreach (var brand in OtherBrands)
        {
            if (System.Text.Ascii.Equals(head.Slice(8, 4), brand))
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

    private static bool IsTransport(ReadOnlySpan<byte> head, int packet, int sync)
    {
        for (var i = 0; i < Packets; i++)
        {
            if (head.Length <= sync + (i * packet) || head[sync + (i * packet)] != 0x47)
                return false;
        }

        return true;
    }

    private static bool At(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> what) => head.Length >= offset && head[offset..].StartsWith(what);
}
