using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Streaming.WebFront.Videos;

namespace Streaming.Tests.Videos;

public sealed class MultipartBodyTests
{
    private const string Boundary = "----WebKitFormBoundary7MA4YWxk";
    private const int MaxSkipped = 64 * 1024;

    /// <summary>Content that begins as the delimiter does, again and again.</summary>
    private static readonly byte[] Tricky = Encoding.ASCII.GetBytes($"\r\n--{Boundary[..^1]}\r\r\n\r\n--\r\n--{Boundary[..5]}x\r\n--{Boundary[..^1]}y\n--{Boundary}\r--{Boundary}--\r\n-");

    [Fact]
    public async Task Form_is_read_wherever_its_pieces_end()
    {
        byte[] form = [.. Part("name=\"title\"", "A title"u8), .. Part("name=\"video\"; filename=\"a.mp4\"", Tricky), .. Part("name=\"empty\"", []), .. End()];

        for (var split = 1; split < form.Length; split++)
        {
            var at = split;
            var parts = await ReadAsync(form, position => position < at ? at - position : int.MaxValue);

            Assert.Equal(["title", "video", "empty"], parts.Select(part => part.Part.Name));
            Assert.Equal([null, "a.mp4", null], parts.Select(part => part.Part.FileName));
            Assert.Equal(Tricky, parts[1].Content);
            Assert.Equal("A title"u8, parts[0].Content);
            Assert.Empty(parts[2].Content);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4_096)]
    [InlineData(100_000)]
    public async Task File_larger_than_the_buffer_is_read_whole(int piece)
    {
        var random = new Random(11);
        var file = new byte[piece == 1 ? 100_000 : 2_000_000];
        random.NextBytes(file);
        for (var at = 0; at < file.Length - Tricky.Length; at += 9_973)
            Tricky.CopyTo(file, at);

        var parts = await ReadAsync([.. Part("name=video; filename=x", file), .. End()], _ => piece == 1 ? 1 : random.Next(1, piece * 2));

        Assert.Equal(file, Assert.Single(parts).Content);
    }

    [Fact]
    public async Task Pieces_are_as_large_as_was_asked_for_unless_the_part_ends()
    {
        var form = Stream([.. Part("name=video; filename=x", new byte[50_000]), .. End()], _ => 1_000);
        using var body = new MultipartBody(PipeReader.Create(form), Boundary, MaxSkipped, 16 * 1024);
        await body.NextAsync(TestContext.Current.CancellationToken);

        var sizes = new List<int>();
        while (await body.ReadAsync(8_000, TestContext.Current.CancellationToken) is { IsEmpty: false } piece)
            sizes.Add(piece.Length);

        Assert.All(sizes[..^1], size => Assert.InRange(size, 8_000, 16 * 1024));
        Assert.Equal(50_000, sizes.Sum());
    }

    [Fact]
    public async Task Unread_content_is_skipped_and_bounded()
    {
        byte[] form = [.. Part("name=a", new byte[MaxSkipped]), .. Part("name=b", "B"u8), .. Part("name=c", "C"u8), .. End()];
        using var body = new MultipartBody(PipeReader.Create(Stream(form[2..])), Boundary, MaxSkipped);
        var cancellation = TestContext.Current.CancellationToken;

        Assert.Equal("a", (await body.NextAsync(cancellation))!.Name);
        Assert.Equal("b", (await body.NextAsync(cancellation))!.Name);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await body.NextAsync(cancellation));
    }

    [Fact]
    public async Task What_stands_before_the_first_boundary_is_skipped()
    {
        byte[] form = [.. "This is a form.\r\n"u8, .. Part("name=a", "A"u8), .. End()];

        var (_, content) = Assert.Single(await ReadAsync(form));
        Assert.Equal("A"u8, content);
    }

    [Theory]
    [InlineData("form-data; name=\"a\"; filename*=\"UTF-8''na%C3%AFve.mp4\"", "a", "naïve.mp4")]
    [InlineData("form-data; name=\"a\"; filename*=ISO-8859-1'en'na%EFve.mp4", "a", "naïve.mp4")]
    [InlineData("form-data; name=\"a\"; filename=\"b.mp4\"; filename*=utf-8''%FF", "a", "b.mp4")]
    [InlineData("form-data; name=\"a\"; filename*=KOI8-R''%FF.mp4", "a", "KOI8-R''%FF.mp4")]
    [InlineData("form-data; name=\"a\"; filename*0=\"long \"; filename*1=\"name.mp4\"", "a", "long name.mp4")]
    [InlineData("form-data; name=\"a\"; filename*0*=UTF-8''na%C3%AF; filename*1*=ve.mp4", "a", "naïve.mp4")]
    [InlineData("form-data; name=\"a\"; filename=\"a\\\"b.mp4\"", "a", "a\"b.mp4")]
    [InlineData("form-data; name=\"a\"; filename=\"a\"b.mp4\"", "a", "a\"b.mp4")]
    [InlineData("form-data; name=\"a\"; filename=\"a%22b%0D%0A.mp4\"", "a", "a\"b.mp4")]
    [InlineData("form-data; name=\"a\"; filename=\"C:\\videos\\\"", "a", "C:\\videos\\")]
    [InlineData("form-data; name=\"a\"; filename=\"C:\\videos\\b.mp4\"", "a", "C:\\videos\\b.mp4")]
    [InlineData("form-data; filename=\"x; y=z.mp4\"; name=\"a\"", "a", "x; y=z.mp4")]
    [InlineData("form-data; name=\"a\"; filename=\"never ends", "a", "never ends")]
    [InlineData("form-data; name=\"a\"; filename=", "a", "")]
    [InlineData("form-data; name=\"a\"; filename", "a", null)]
    [InlineData("form-data; name=\"a\"; filename=\"=?UTF-8?B?bmHDr3ZlLm1wNA==?=\"", "a", "naïve.mp4")]
    [InlineData("form-data; name=\"a\"; filename=\"=?utf-8?Q?na=C3=AFve_b?= =?utf-8?q?.mp4?=\"", "a", "naïve b.mp4")]
    [InlineData("form-data; name=\"a\"; filename=\"=?utf-8?B?!!?=\"", "a", "=?utf-8?B?!!?=")]
    [InlineData("form-data;\r\n name=\"a\";\r\n\tfilename=\"b.mp4\"", "a", "b.mp4")]
    [InlineData("form-data; name=\"a b\"; filename=\"c d.mp4\"", "a b", "c d.mp4")]
    [InlineData("form-data; name=a; filename=b", "a", "b")]
    [InlineData("form-data; name=\"a\"", "a", null)]
    [InlineData("form-data; name=\"a\"; filename=\"\"", "a", "")]
    [InlineData("form-data; name=\"a\"; filename=\"fallback\"; filename*=UTF-8''na%C3%AFve.mp4", "a", "naïve.mp4")]
    [InlineData("form-data; name=\"ümlaut\"; filename=\"файл.mp4\"", "ümlaut", "файл.mp4")]
    [InlineData("FORM-DATA; NAME=\"a\"", "a", null)]
    [InlineData("attachment; name=\"a\"", null, null)]
    [InlineData("nonsense", null, null)]
    [InlineData("", null, null)]
    public async Task Part_says_its_name_and_that_of_its_file(string disposition, string? name, string? fileName)
    {
        byte[] form = [.. Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Type: text/plain\r\ncontent-disposition: {disposition}\r\n\r\nA"), .. End()];

        Assert.Equal(new FormPart(name, fileName, fileName is not null), Assert.Single(await ReadAsync(form)).Part);
    }

    [Theory]
    [InlineData("video/mp4", true)]
    [InlineData("application/octet-stream", true)]
    [InlineData("text/plain; charset=utf-8", false)]
    public async Task Part_without_a_file_name_is_a_file_by_its_type(string type, bool isFile)
    {
        byte[] form = [.. Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=a\r\ncontent-type: {type}\r\n\r\nA"), .. End()];

        Assert.Equal(new FormPart("a", null, isFile), Assert.Single(await ReadAsync(form)).Part);
    }

    [Fact]
    public async Task Body_that_ended_too_early_can_be_read_to_its_end()
    {
        var reader = PipeReader.Create(Stream(Encoding.ASCII.GetBytes($"--{Boundary}\r\n")));
        using var body = new MultipartBody(reader, Boundary, MaxSkipped);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await body.NextAsync(TestContext.Current.CancellationToken));

        Assert.True((await reader.ReadAsync(TestContext.Current.CancellationToken)).IsCompleted);
    }

    [Fact]
    public async Task Part_without_headers_and_boundary_with_spaces_are_read()
    {
        byte[] form = [.. Encoding.ASCII.GetBytes($"--{Boundary} \t\r\n\r\nA"), .. End()];

        var (part, content) = Assert.Single(await ReadAsync(form));
        Assert.Equal(new FormPart(null, null, false), part);
        Assert.Equal("A"u8, content);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no form")]
    [InlineData("--BOUNDARY")]
    [InlineData("--BOUNDARY-")]
    [InlineData("--BOUNDARY\r\n")]
    [InlineData("--BOUNDARYx\r\nContent-Disposition: form-data; name=a\r\n\r\nA\r\n--BOUNDARY--")]
    [InlineData("--BOUNDARY\r\nContent-Disposition: form-data; name=a\r\n")]
    [InlineData("--BOUNDARY\r\nContent-Disposition: form-data; name=a\r\n\r\n")]
    [InlineData("--BOUNDARY\r\nContent-Disposition: form-data; name=a\r\n\r\nA\r\n--BOUNDAR")]
    [InlineData("--BOUNDARY\nContent-Disposition: form-data; name=a\n\nA\n--BOUNDARY--\n")]
    public async Task Form_that_breaks_off_is_no_form(string form) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Encoding.ASCII.GetBytes(form.Replace("BOUNDARY", Boundary, StringComparison.Ordinal))));

    [Fact]
    public async Task Headers_of_a_part_are_bounded()
    {
        var form = Encoding.ASCII.GetBytes($"--{Boundary}\r\nX-Header: {new string('x', 17_000)}\r\n\r\nA");

        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync([.. form, .. End()]));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync([.. form, .. End()], _ => 3));
    }

    [Fact]
    public async Task Empty_form_has_no_parts() => Assert.Empty(await ReadAsync(Encoding.ASCII.GetBytes($"--{Boundary}--\r\n")));

    [Theory]
    [InlineData("multipart/form-data; boundary=abc", "abc")]
    [InlineData("Multipart/Form-Data; charset=utf-8; boundary=\"a b:c\"", "a b:c")]
    [InlineData("multipart/form-data", "")]
    [InlineData("multipart/mixed; boundary=abc", null)]
    [InlineData("application/json", null)]
    [InlineData("nonsense", null)]
    [InlineData(null, null)]
    public void Boundary_is_of_a_form_alone(string? contentType, string? boundary) =>
        Assert.Equal(boundary, MultipartBody.BoundaryOf(new DefaultHttpContext { Request = { ContentType = contentType } }.Request));

    [Theory]
    [InlineData("a", true)]
    [InlineData("a b", true)]
    [InlineData("", false)]
    [InlineData("a ", false)]
    [InlineData("a\r\nb", false)]
    [InlineData("ä", false)]
    public void Boundary_is_of_printable_ASCII(string boundary, bool isGood)
    {
        Assert.Equal(isGood, MultipartBody.IsBoundary(boundary));
        Assert.True(MultipartBody.IsBoundary(new string('x', 70)));
        Assert.False(MultipartBody.IsBoundary(new string('x', 71)));
    }

    private static byte[] Part(string disposition, ReadOnlySpan<byte> content) =>
        [.. Encoding.UTF8.GetBytes($"\r\n--{Boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"), .. content];

    private static byte[] End() => Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n");

    private static PiecewiseStream Stream(byte[] form, Func<int, int>? pieceAt = null) => new(form, pieceAt ?? (_ => int.MaxValue));

    private static async Task<List<(FormPart Part, byte[] Content)>> ReadAsync(byte[] form, Func<int, int>? pieceAt = null)
    {
        var parts = new List<(FormPart, byte[])>();
        using var body = new MultipartBody(PipeReader.Create(Stream(form, pieceAt)), Boundary, MaxSkipped, 16 * 1024);
        while (await body.NextAsync(TestContext.Current.CancellationToken) is { } part)
        {
            using var content = new MemoryStream();
            while (await body.ReadAsync(TestContext.Current.CancellationToken) is { IsEmpty: false } piece)
                content.Write(piece.Span);

            parts.Add((part, content.ToArray()));
        }

        return parts;
    }
}
