using Streaming.Videos;

namespace Streaming.Tests.Media;

/// <summary>What every media store does.</summary>
public abstract class MediaStoreContract : IAsyncLifetime
{
    private readonly string outside = Directory.CreateTempSubdirectory("streaming-tests-").FullName;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Bytes of a file that the store has to cut into parts, if it ever does.</summary>
    protected virtual int Large => 3_000_000;

    public abstract ValueTask InitializeAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(outside, recursive: true);
        return ValueTask.CompletedTask;
    }

    private protected abstract IMediaStore Store { get; }

    /// <summary>What a client gets; null where that is nothing.</summary>
    private protected abstract Task<byte[]?> ReadAsync(MediaContent content);

    [Fact]
    public async Task What_was_put_is_read()
    {
        var (id, bytes) = (Guid.NewGuid(), MediaFiles.Bytes(100_000));
        await PutAsync(id, bytes);
        Assert.Equal(bytes, await GetAsync(id));
    }

    [Fact]
    public async Task A_large_file_is_whole()
    {
        var (id, bytes) = (Guid.NewGuid(), MediaFiles.Bytes(Large));
        await PutAsync(id, bytes);
        Assert.Equal(bytes, await GetAsync(id));
    }

    [Fact]
    public async Task Each_video_has_its_own()
    {
        var ids = Enumerable.Range(0, 8).Select(_ => Guid.NewGuid()).ToArray();
        await Task.WhenAll(ids.Select((id, i) => PutAsync(id, MediaFiles.Bytes(50_000, i))));
        for (var i = 0; i < ids.Length; i++)
            Assert.Equal(MediaFiles.Bytes(50_000, i), await GetAsync(ids[i]));
    }

    [Fact]
    public async Task A_put_that_is_repeated_changes_nothing()
    {
        var (id, bytes) = (Guid.NewGuid(), MediaFiles.Bytes(10_000));
        var file = await FileAsync(bytes);
        await Store.PutAsync(id, MediaKind.Video, file, Cancel);
        await Store.PutAsync(id, MediaKind.Video, file, Cancel);
        Assert.Equal(bytes, await GetAsync(id));
    }

    [Fact]
    public async Task What_nobody_put_is_not_there() => Assert.Null(await GetAsync(Guid.NewGuid()));

    [Fact]
    public async Task A_deleted_video_is_gone_and_others_are_not()
    {
        var (id, other) = (Guid.NewGuid(), Guid.NewGuid());
        await PutAsync(id, MediaFiles.Bytes(1_000));
        await PutAsync(other, MediaFiles.Bytes(1_000));
        await Store.DeleteAsync(id, Cancel);
        Assert.Null(await GetAsync(id));
        Assert.Null(await GetAsync(id, MediaKind.Image));
        Assert.NotNull(await GetAsync(other));
    }

    [Fact]
    public async Task A_deletion_can_be_repeated()
    {
        var id = Guid.NewGuid();
        await Store.DeleteAsync(id, Cancel);
        await PutAsync(id, MediaFiles.Bytes(1_000));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Store.DeleteAsync(id, Cancel)));
        await Store.DeleteAsync(id, Cancel);
        Assert.Null(await GetAsync(id));
    }

    [Fact]
    public async Task An_image_goes_with_its_video()
    {
        var id = Guid.NewGuid();
        await PutAsync(id, MediaFiles.Bytes(1_000));
        await Store.PutAsync(id, MediaKind.Image, await FileAsync(MediaFiles.Bytes(100), "image/jpeg"), Cancel);
        Assert.NotNull(await GetAsync(id, MediaKind.Image));
        await Store.DeleteAsync(id, Cancel);
        Assert.Null(await GetAsync(id, MediaKind.Image));
    }

    protected async Task PutAsync(Guid id, byte[] bytes) => await Store.PutAsync(id, MediaKind.Video, await FileAsync(bytes), Cancel);

    /// <summary>A file of another folder than the store's.</summary>
    private protected async Task<MediaFile> FileAsync(byte[] bytes, string contentType = "video/mp4")
    {
        var path = Path.Combine(outside, Guid.NewGuid().ToString("D"));
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        return new MediaFile(path, bytes.Length, contentType);
    }

    protected async Task<byte[]?> GetAsync(Guid id, MediaKind kind = MediaKind.Video) =>
        await Store.OpenAsync(id, kind, Cancel) is { } content ? await ReadAsync(content) : null;
}
