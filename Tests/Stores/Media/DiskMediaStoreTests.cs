using Streaming.Media;
using Streaming.Videos;

namespace Streaming.Tests.Media;

public sealed class DiskMediaStoreTests : MediaStoreContract
{
    private readonly MediaFiles files = new();

    private protected override IMediaStore Store => files.Store;

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        files.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_repetition_after_the_file_was_moved_away_is_fine()
    {
        var (id, bytes) = (Guid.NewGuid(), MediaFiles.Bytes(5_000));
        var file = await SpooledAsync(id, bytes);
        await Store.PutAsync(id, MediaKind.Video, file, Cancel);
        Assert.False(File.Exists(file.Path));
        await Store.PutAsync(id, MediaKind.Video, file, Cancel);
        Assert.Equal(bytes, await GetAsync(id));

        var refusal = await Assert.ThrowsAsync<MediaStoreException>(() => Store.PutAsync(Guid.NewGuid(), MediaKind.Video, file, Cancel));
        Assert.Equal(MediaFailure.Refused, refusal.Failure);
    }

    [Fact]
    public async Task A_file_can_be_read_from_anywhere_in_it_and_tells_when_it_was_made()
    {
        var (id, bytes) = (Guid.NewGuid(), MediaFiles.Bytes(5_000));
        await PutAsync(id, bytes);
        var content = Assert.IsType<MediaContent.Bytes>(await Store.OpenAsync(id, MediaKind.Video, Cancel));
        await using var stream = content.Content;
        stream.Position = 4_000;
        var rest = new byte[1_000];
        await stream.ReadExactlyAsync(rest, Cancel);
        Assert.Equal(bytes[4_000..], rest);
        Assert.Equal(5_000, stream.Length);
        Assert.InRange(content.LastModified, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task Who_reads_a_file_that_is_removed_reads_it_to_its_end()
    {
        var (id, bytes) = (Guid.NewGuid(), MediaFiles.Bytes(5_000));
        await PutAsync(id, bytes);
        await using var stream = Assert.IsType<MediaContent.Bytes>(await Store.OpenAsync(id, MediaKind.Video, Cancel)).Content;
        await Store.DeleteAsync(id, Cancel);
        Assert.Empty(files.All);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, Cancel);
        Assert.Equal(bytes, read.ToArray());
    }

    [Fact]
    public async Task A_link_to_elsewhere_is_not_followed()
    {
        var secret = await FileAsync(MediaFiles.Bytes(100));
        var id = Guid.NewGuid();
        MediaFolder.Make(files.Folder.FolderOf(id));
        File.CreateSymbolicLink(files.Folder.FileOf(id, MediaKind.Video), secret.Path);
        Assert.Null(await GetAsync(id));

        // What is put replaces the link, and what is removed is the link.
        await PutAsync(id, MediaFiles.Bytes(200));
        Assert.Equal(200, (await GetAsync(id))!.Length);
        await Store.DeleteAsync(id, Cancel);
        Assert.Equal(100, new FileInfo(secret.Path).Length);
    }

    [Fact]
    public async Task A_folder_that_is_away_is_not_taken_for_one_without_files()
    {
        var id = Guid.NewGuid();
        await PutAsync(id, MediaFiles.Bytes(100));
        var moved = files.Folder.Root + "-moved";
        Directory.Move(files.Folder.Root, moved);
        Assert.Equal(MediaFailure.Unavailable, (await Assert.ThrowsAsync<MediaStoreException>(() => Store.DeleteAsync(id, Cancel))).Failure);
        Directory.Move(moved, files.Folder.Root);
        await Store.DeleteAsync(id, Cancel);
        Assert.Empty(files.All);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_says_what_to_do()
    {
        // Root may write anywhere but where the kernel says no.
        var store = new DiskMediaStore(new MediaFolder("/proc/streaming-media", isOurs: false, 0), files.Writer);
        var file = await FileAsync(MediaFiles.Bytes(10));
        var failure = await Assert.ThrowsAsync<MediaStoreException>(() => store.PutAsync(Guid.NewGuid(), MediaKind.Video, file, Cancel));
        Assert.Equal(MediaFailure.Unavailable, failure.Failure);
        Assert.Contains("Media__Path", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_does_not_fit_is_refused_before_it_is_copied()
    {
        using var full = new MediaFiles(minFreeBytes: long.MaxValue / 2);
        var file = await FileAsync(MediaFiles.Bytes(10));
        var failure = await Assert.ThrowsAsync<MediaStoreException>(() => full.Store.PutAsync(Guid.NewGuid(), MediaKind.Video, file, Cancel));
        Assert.Equal(MediaFailure.Full, failure.Failure);
        Assert.Empty(full.All);
    }

    private protected override async Task<byte[]?> ReadAsync(MediaContent content)
    {
        await using var stream = Assert.IsType<MediaContent.Bytes>(content).Content;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }

    private async Task<MediaFile> SpooledAsync(Guid id, byte[] bytes)
    {
        // Not disposed: it is moved away.
        var upload = files.Spool.Create(id);
        await upload.WriteAsync(bytes, Cancel);
        await upload.CompleteAsync(Cancel);
        return upload.ToFile("video/mp4");
    }
}
