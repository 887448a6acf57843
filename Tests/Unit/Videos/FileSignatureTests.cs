using Streaming.Videos;
using Streaming.WebFront.Videos;

namespace Streaming.Tests.Videos;

public sealed class FileSignatureTests
{
    /// <summary>First bytes of files that ffmpeg and cameras make.</summary>
    public static TheoryData<string, VideoFormat> Videos => new()
    {
        { "000000206674797069736f6d0000020069736f6d69736f32617663316d703431", VideoFormat.Mp4 },
        { "0000001c6674797033677034000002003367703469736f6d69736f3200000008", VideoFormat.Mp4 },
        { "00000018667479706d703432000000006d70343269736f6d0000", VideoFormat.Mp4 },
        { "000000146674797071742020000002007174202000000008776964650000", VideoFormat.QuickTime },
        { "00000008776964650002000d6d646174000000", VideoFormat.QuickTime },
        { "000000016d646174000000001f4e3d20", VideoFormat.QuickTime },
        { "000000086672656500000008776964650002000d6d646174000000", VideoFormat.QuickTime },
        { "00000010736b697000000000000000000000001466747970717420200000020071742020", VideoFormat.QuickTime },
        { "000000106672656500000000000000000000002066747970 69736f6d0000020069736f6d".Replace(" ", "", StringComparison.Ordinal), VideoFormat.Mp4 },
        { "000100006672656500000000", VideoFormat.QuickTime },
        { "00000014706e6f7400000000000000000000000000000008776964650000", VideoFormat.QuickTime },
        { "00000018737479706d736468000000006d7364686d736978", VideoFormat.Mp4 },
        { "000001b31e01203 3ffffe018000001b5".Replace(" ", "", StringComparison.Ordinal), VideoFormat.MpegVideo },
        { "00001c006d6f6f760000006c6d76686400000000", VideoFormat.QuickTime },
        { "1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878102", VideoFormat.WebM },
        { "1a45dfa301000000000000234286810142f7810142f2810442f381084282886d6174726f736b6142878104", VideoFormat.Matroska },
        { "1a45dfa3a34286810142f7810142f2810442f381084282886d6174726f736b61428781044285", VideoFormat.Matroska },
        { "1a45dfa3a4ec8100bf84010203044286810142828577 65626d00".Replace(" ", "", StringComparison.Ordinal), VideoFormat.WebM },
        { "5249464686210000415649204c495354381200006864726c61766968", VideoFormat.Avi },
        { "000001ba2100010001c33367000001bb0009c3", VideoFormat.MpegProgram },
        { "000001ba440004000401000001", VideoFormat.MpegProgram },
        { "464c5601010000000900000000120000b800000000", VideoFormat.FlashVideo },
        { "4f676753000200000000000000002fff17bf000000001a113555012a807468656f72610302010004", VideoFormat.Ogg },
        { "4f67675300020000000000000000000000000000000000000000014066697368656164004f6767530002000000000000000000000000000000000000000001124f56503830", VideoFormat.Ogg },
        { "3026b2758e66cf11a6d900aa0062ce6c5302000000000000050000000102", VideoFormat.WindowsMedia },
    };

    public static TheoryData<string, string> Others => new()
    {
        { "nothing", "" },
        { "one byte", "00" },
        { "text", Hex("<!DOCTYPE html><html><body>mp4 ftypisom</body></html>") },
        { "playlist", Hex("#EXTM3U\n#EXT-X-VERSION:3\nhttp://10.0.0.1/secret.ts\n") },
        { "script", Hex("#!/bin/sh\nexit 0\n") },
        { "JPEG", "ffd8ffe000104a46494600010100000100010000" },
        { "PNG", "89504e470d0a1a0a0000000d49484452" },
        { "GIF", Hex("GIF89a\u0001\u0000\u0001\u0000") },
        { "PDF", Hex("%PDF-1.7\n1 0 obj") },
        { "ZIP", "504b030414000000080000000000" },
        { "ELF", "7f454c4602010100000000000000000003003e00" },
        { "MP3 with a tag", "4944330300000000002354495432" },
        { "WAVE", "524946462408000057415645666d7420" },
        { "WebP", "524946461a0000005745425056503820" },
        { "AVIF", "00000020667479706176696600000000617669666d6966316d696166" },
        { "HEIC", "0000001866747970686569630000000068656963" },
        { "sound in MP4", "0000001c667479704d344120000002004d34412069736f6d" },
        { "Vorbis in Ogg", "4f676753000200000000000000003f15fe84000000003ac817ba011e01766f72626973000000" },
        { "EBML of another type", "1a45dfa38b4286810142828478787878" },
        { "EBML cut off", "1a45dfa39f42868101428284776562" },
        { "EBML with a length beyond the end", "1a45dfa39f42824fff7765626d" },
        { "EBML with a length of nothing", "1a45dfa300" },
        { "text behind an empty box", "0000000866726565" + Hex("<html><body>") },
        { "pictures behind an empty box", "00000008667265650000001866747970686569630000000068656963" },
        { "the letter G", Hex(new string('G', 188 * 3)) },
        { "a box that is too small for itself", "000000046674797069736f6d00000200" },
        { "one packet", "47401110".PadRight(188 * 2, 'f') },
    };

    [Theory]
    [MemberData(nameof(Videos))]
    public void Format_is_told_by_the_first_bytes(string head, VideoFormat format)
    {
        var bytes = Convert.FromHexString(head);

        Assert.Equal(format, FileSignature.FormatOf(bytes));
        Assert.Equal(format, FileSignature.FormatOf([.. bytes, .. new byte[10_000]]));
    }

    [Theory]
    [InlineData(188, 0)]
    [InlineData(192, 4)]
    public void Transport_stream_is_told_by_the_distance_of_its_packets(int packet, int sync)
    {
        var stream = new byte[4 * packet];
        for (var i = sync; i < stream.Length; i += packet)
            stream[i] = 0x47;

        Assert.Equal(VideoFormat.MpegTransport, FileSignature.FormatOf(stream));

        stream[sync + (2 * packet)] = 0;
        Assert.Null(FileSignature.FormatOf(stream));
    }

    [Theory]
    [InlineData(188, 1)]
    [InlineData(188, 100)]
    [InlineData(192, 77)]
    [InlineData(204, 203)]
    public void Transport_stream_may_begin_in_the_middle_of_a_packet(int packet, int leading)
    {
        var stream = new byte[FileSignature.Bytes];
        for (var i = leading; i < stream.Length - 4; i += packet)
            (stream[i], stream[i + 3]) = (0x47, 0x10);

        Assert.Equal(VideoFormat.MpegTransport, FileSignature.FormatOf(stream));
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void What_is_no_video_has_no_format(string what, string head) =>
        Assert.True(FileSignature.FormatOf(Convert.FromHexString(head)) is null, what);

    [Fact]
    public void Any_bytes_can_be_looked_at()
    {
        var random = new Random(5);
        byte[][] beginnings = [[], [0x1A, 0x45, 0xDF, 0xA3], [0, 0, 0, 32, .. "ftyp"u8], [.. "OggS"u8], [.. "RIFF"u8], [0x47]];
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            byte[] head = [.. beginnings[i % beginnings.Length], .. bytes];

            for (var length = head.Length; length >= 0; length -= 7)
                FileSignature.FormatOf(head.AsSpan(0, length));
        }
    }

    private static string Hex(string text) => Convert.ToHexString(System.Text.Encoding.Latin1.GetBytes(text));
}
