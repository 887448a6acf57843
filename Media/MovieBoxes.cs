using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Streaming.Videos;

namespace Streaming.Media;

/// <summary>
/// Walks the boxes of an MP4 or QuickTime file (ISO/IEC 14496-12): whether it is whole, has its index, and pictures in it. Reads a few bytes of each
/// box and nothing of the media.
/// </summary>
internal sealed class MovieBoxes
{
    private const int MaxBoxes = 65_536;

    private readonly SafeFileHandle file;
    private readonly long length;
    private int boxes;
    private bool hasIndex;
    private bool hasCompressedIndex;
    private bool hasMedia;
    private bool hasFragments;
    private long missing;
    private double? duration;
    private VideoTrack? track;

    private MovieBoxes(SafeFileHandle file)
    {
        this.file = file;
        length = RandomAccess.GetLength(file);
    }

    /// <summary>Playable as far as boxes tell; null where they do not.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static VideoInspection Read(string path)
    {
        using var file = File.OpenHandle(path);
        var movie = new MovieBoxes(file);
        return movie.WalkFile() ? movie.Conclude() : new VideoInspection(null, "It has more parts than are looked at.");
    }

    /// <summary>Why a file does not play to its end.</summary>
    public static string CutOff(long missing) => string.Create(CultureInfo.InvariantCulture, $"The file is cut off: {missing} bytes are missing.");

    private VideoInspection Conclude()
    {
        var (isPlayable, reason) = this switch
        {
            { hasIndex: false, missing: > 0 } => (false, "The file is cut off: its index, which comes last, is missing."),
            { hasIndex: false } => (false, "The file has no index (a moov box), without which nothing plays it."),
            { missing: > 0 } => (false, CutOff(missing)),
            { hasCompressedIndex: true } => (null, null),
            { track: null } => (false, "The file has no pictures, only sound or other data."),
            { track.Codec: "encv" or "drmi" } => (false, "The file is encrypted."),
            { track.Samples: 0, hasFragments: false } => (false, "The file has no pictures: its video track is empty."),
            { hasMedia: false } => (false, "The file has an index and nothing else."),
            _ when track.LastChunk >= length => (false, "The file is cut off: its index tells of more than there is."),
            _ => ((bool?)true, (string?)null),
        };
        return new VideoInspection(isPlayable, reason, track?.Codec, duration);
    }

    /// <summary>False when there are too many.</summary>
    private bool WalkFile()
    {
        for (long at = 0; ReadHead(at, length) is { } box; at = box.End)
        {
            if (boxes > MaxBoxes)
                return false;

            switch (box.Type)
            {
                case "moov":
                    hasIndex = box.End <= length;
                    if (hasIndex)
                        WalkIndex(box);

                    break;
                case "mdat" or "imda":
                    hasMedia |= box.End > box.Content;
                    break;
                case "moof":
                    hasFragments = true;
                    break;
                default:
                    continue;
            }

            missing = Math.Max(missing, box.End - length);
        }

        return true;
    }

    private void WalkIndex(Box index)
    {
        foreach (var box in Children(index))
        {
            switch (box.Type)
            {
                case "mvhd":
                    duration = ReadDuration(box);
                    break;
                case "cmov":
                    hasCompressedIndex = true;
                    break;
                case "trak" when track is not { Samples: > 0 } && ReadTrack(box) is { } found:
                    track = found;
                    break;
            }
        }
    }

    /// <summary>Null when it is not of pictures.</summary>
    private VideoTrack? ReadTrack(Box trak)
    {
        if (Child(trak, "mdia") is not { } media || Child(media, "hdlr") is not { } handler || ReadText(handler.Content + 8) != "vide"
            || Child(media, "minf") is not { } information || Child(information, "stbl") is not { } table)
        {
            return null;
        }

        var codec = Child(table, "stsd") is { } descriptions ? ReadText(descriptions.Content + 12)?.Trim() : null;
        var sizes = Child(table, "stsz") ?? Child(table, "stz2");
        var samples = sizes is { } counted ? ReadNumber(counted.Content + 8, 4) ?? 0 : 0;
        return new VideoTrack(codec, samples, ReadLastChunk(table));
    }

    private long ReadLastChunk(Box table)
    {
        var (chunks, width) = Child(table, "stco") is { } near ? (near, 4) : Child(table, "co64") is { } far ? (far, 8) : (default, 0);
        if (width == 0 || ReadNumber(chunks.Content + 4, 4) is not (> 0 and var count))
            return 0;

        return ReadNumber(chunks.Content + 8 + ((count - 1) * width), width) ?? 0;
    }

    private double? ReadDuration(Box header)
    {
        var isLong = ReadNumber(header.Content, 1) == 1;
        var scale = ReadNumber(header.Content + (isLong ? 20 : 12), 4);
        var units = ReadNumber(header.Content + (isLong ? 24 : 16), isLong ? 8 : 4);
        var unknown = isLong ? long.MaxValue : uint.MaxValue;
        return scale > 0 && units > 0 && units < unknown ? (double)units.Value / scale.Value : null;
    }

    private Box? Child(Box parent, string type)
    {
        foreach (var box in Children(parent))
        {
            if (box.Type == type)
                return box;
        }

        return null;
    }

    private IEnumerable<Box> Children(Box parent)
    {
        for (var at = parent.Content; ReadHead(at, parent.End) is { } box && box.End <= parent.End && boxes <= MaxBoxes; at = box.End)
            yield return box;
    }

    /// <summary>Null where no box is: at the end, or at what is none.</summary>
    private Box? ReadHead(long at, long end)
    {
        if (at > end - 8 || ReadNumber(at, 4) is not { } size || ReadText(at + 4) is not { } type)
            return null;

        boxes++;
        var content = at + 8;
        if (size == 1)
        {
            if (ReadNumber(content, 8) is not { } large)
                return null;

            (size, content) = (large, at + 16);
        }
        else if (size == 0)
        {
            size = end - at;
        }

        return size >= content - at && size <= long.MaxValue - at ? new Box(type, content, at + size) : null;
    }

    /// <summary>Null at the end of the file, and for one that is too large for any.</summary>
    private long? ReadNumber(long at, int width)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        if (at < 0 || RandomAccess.Read(file, bytes[^width..], at) != width)
            return null;

        var number = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return number <= long.MaxValue ? (long)number : null;
    }

    /// <summary>Four characters; null where there are others.</summary>
    private string? ReadText(long at)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (at < 0 || RandomAccess.Read(file, bytes, at) != bytes.Length)
            return null;

        // QuickTime has one type that begins with a copyright sign.
        return bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~') && bytes[0] != 0xA9 ? null : Encoding.Latin1.GetString(bytes);
    }

    private readonly record struct Box(string Type, long Content, long End);

    private sealed record VideoTrack(string? Codec, long Samples, long LastChunk);
}
