using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Streaming.Videos;

namespace Streaming.Tests.Media;

public sealed class UploadSpoolTests : IDisposable
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private readonly MediaFiles files;

    public UploadSpoolTests() => files = new MediaFiles(time: time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task What_is_written_is_in_the_file_in_its_order()
    {
        var bytes = MediaFiles.Bytes(300_000);
        await using var upload = files.Spool.Create(Guid.NewGuid());
        await upload.WriteAsync(bytes.AsMemory(0, 1), Cancel);
        await upload.WriteAsync(bytes.AsMemory(1, 200_000), Cancel);
        await upload.WriteAsync(InParts(bytes.AsSpan(200_001)), Cancel);
        await upload.CompleteAsync(Cancel);

        Assert.Equal(bytes.Length, upload.Bytes);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(upload.Path, Cancel));
        Assert.Equal(new MediaFile(upload.Path, bytes.Length, "video/webm"), upload.ToFile("video/webm"));
    }

    [Fact]
    public async Task A_file_of_many_flushes_is_whole()
    {
        var part = MediaFiles.Bytes(1 << 20);
        await using var upload = files.Spool.Create(Guid.NewGuid());
        for (var i = 0; i < 40; i++)
            await upload.WriteAsync(part, Cancel);

        await upload.CompleteAsync(Cancel);
        Assert.Equal(40L << 20, new FileInfo(upload.Path).Length);
    }

    [Fact]
    public async Task An_upload_that_is_given_up_leaves_nothing()
    {
        var upload = files.Spool.Create(Guid.NewGuid());
        await upload.WriteAsync(MediaFiles.Bytes(9 << 20), Cancel);
        await upload.DisposeAsync();
        Assert.Empty(files.All);
    }

    [Fact]
    public async Task An_upload_that_the_store_took_stays_there()
    {
        var id = Guid.NewGuid();
        await using (var upload = files.Spool.Create(id))
        {
            await upload.WriteAsync(MediaFiles.Bytes(1_000), Cancel);
            await upload.CompleteAsync(Cancel);
            await files.Store.PutAsync(id, MediaKind.Video, upload.ToFile("video/mp4"), Cancel);
        }

        Assert.Equal([$"{id.ToString("N")[^2..]}/{id:D}.video"], files.All);
    }

    [Fact]
    public async Task What_a_dead_front_has_left_goes_when_the_media_of_its_upload_are_removed()
    {
        await using var other = files.Spool.Create(Guid.NewGuid());
        var id = Guid.NewGuid();
        await using var dead = files.Spool.Create(id);
        await dead.WriteAsync(MediaFiles.Bytes(1_000), Cancel);

        await files.Store.DeleteAsync(id, Cancel);
        await files.Store.DeleteAsync(id, Cancel);

        Assert.Equal([Path.GetRelativePath(files.Folder.Root, other.Path)], files.All);
    }

    [Fact]
    public async Task An_id_has_one_upload()
    {
        var id = Guid.NewGuid();
        await using var first = files.Spool.Create(id);
        Assert.Equal(MediaFailure.Unavailable, Assert.Throws<MediaStoreException>(() => files.Spool.Create(id)).Failure);
    }

    [Fact]
    public async Task The_file_is_the_programs_alone()
    {
        if (OperatingSystem.IsWindows())
            return;

        await using var upload = files.Spool.Create(Guid.NewGuid());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(upload.Path));
    }

    [Fact]
    public void Room_that_is_to_stay_free_is_not_given_away()
    {
        files.Spool.CheckRoom(1);
        var refusal = Assert.Throws<MediaStoreException>(() => files.Spool.CheckRoom(1L << 60));
        Assert.Equal(MediaFailure.Full, refusal.Failure);
        Assert.Contains("Media__Path", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_that_fills_the_disk_while_it_comes_is_ended()
    {
        using var full = new MediaFiles(minFreeBytes: long.MaxValue / 2);
        await using var upload = full.Spool.Create(Guid.NewGuid());
        // The first 8 MB are flushed meanwhile, and then the disk is looked at.
        await upload.WriteAsync(MediaFiles.Bytes(9 << 20), Cancel);
        Assert.Equal(MediaFailure.Full, (await Assert.ThrowsAsync<MediaStoreException>(() => upload.CompleteAsync(Cancel))).Failure);
    }

    [Fact]
    public async Task A_disk_that_takes_no_more_is_told_as_full()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        using var file = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => file.WriteAsync(new byte[10], Cancel).AsTask());
        Assert.Equal(MediaFailure.Full, Streaming.Media.DiskFailures.ToMedia(failure, "/dev/full").Failure);
    }

    [Fact]
    public async Task Left_overs_go_when_nobody_has_written_to_them_for_hours()
    {
        await using var upload = files.Spool.Create(Guid.NewGuid());
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, files.Spool.RemoveLeftOvers(all: false));
        time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(1, files.Spool.RemoveLeftOvers(all: false));
        Assert.Empty(files.All);
    }

    [Fact]
    public async Task All_left_overs_go_where_no_upload_can_be_under_way()
    {
        await using var upload = files.Spool.Create(Guid.NewGuid());
        Assert.Equal(1, files.Spool.RemoveLeftOvers(all: true));
        Assert.Empty(files.All);
    }

    /// <summary>As a server's pipe has them: in blocks of 4 kB.</summary>
    private static ReadOnlySequence<byte> InParts(ReadOnlySpan<byte> bytes)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        pipe.Writer.Write(bytes);
        pipe.Writer.FlushAsync(Cancel).AsTask().GetAwaiter().GetResult();
        Assert.True(pipe.Reader.TryRead(out var read));
        return read.Buffer;
    }
}
