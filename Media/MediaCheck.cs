using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Streaming.Media;

/// <summary>Looks at where media are and at what looks at videos, and changes nothing.</summary>
public static class MediaCheck
{
    /// <param name="dataFolder">Where media are unless <c>Media:Path</c> names another folder.</param>
    public static IEnumerable<Task<Finding>> Begin(MediaOptions media, CloudinaryOptions cloudinary, string dataFolder, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(string.IsNullOrEmpty(media.Path) ? Path.Combine(dataFolder, "media") : media.Path);
        yield return BoundedLook.AtAsync("media folder", folder, "See to the disk, or name another with Media__Path.", _ => Task.FromResult(LookAtFolder(folder, media.MinFreeMegabytes)), cancellationToken);
        if (media.Store == MediaStoreKind.Cloudinary)
        {
            yield return BoundedLook.AtAsync(
                "Cloudinary", $"{cloudinary.ApiUrl.Host}/{cloudinary.CloudName}", "See that this machine reaches it, or correct Cloudinary:ApiUrl.",
                token => LookAtCloudinaryAsync(cloudinary, token), cancellationToken);
        }
    }

    /// <summary>
    /// To be called alone: a thread that the runtime begins while a tool is started may be shut off from network and files as that is.
    /// </summary>
    public static Task<Finding> ToolsAsync(MediaOptions media, CancellationToken cancellationToken)
    {
        var path = media.ToolsPath ?? Environment.GetEnvironmentVariable("PATH") ?? "";
        return BoundedLook.AtAsync("ffmpeg", media.ToolsPath is null ? "PATH" : path, "See Media:ToolsPath.", token => LookAtToolsAsync(path, token), cancellationToken);
    }

    private static (FindingState, string) LookAtFolder(string folder, int minFreeMegabytes)
    {
        var there = folder;
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above)
            there = above;

        try
        {
            File.Create(Path.Combine(there, $".{Guid.NewGuid():N}"), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            return (FindingState.Failed, $"{there} cannot be written to ({e.Message.TrimEnd('.')}). Make it writable, or name another with Media__Path.");
        }

        var free = new DriveInfo(there).AvailableFreeSpace >> 20;
        var text = string.Create(CultureInfo.InvariantCulture, $"{free} MB free, {minFreeMegabytes} of them are kept");
        return free < minFreeMegabytes
            ? (FindingState.Failed, $"{text} by Media:MinFreeMegabytes, so no upload is taken. Make room, or name a folder on another disk with Media__Path.")
            : (FindingState.Ok, there == folder ? $"writable, {text}" : $"is made by the first upload; {text}");
    }

    private static async Task<(FindingState, string)> LookAtToolsAsync(string path, CancellationToken cancellationToken)
    {
        if (MediaTools.Find(path) is not { } tools)
            return (FindingState.Warning, "ffmpeg, ffprobe, prlimit or nice is missing: videos are taken and not looked into. Install ffmpeg and util-linux, or name their folders with Media__ToolsPath.");

        if (!await tools.CheckAsync(cancellationToken))
            return (FindingState.Warning, "they are there and cannot be run: videos are taken and not looked into. See what the system allows this user.");

        return (FindingState.Ok, $"found; {(tools.IsWithoutNetwork ? "without a network" : "NOT kept from the network")}, {(tools.IsWithoutFiles ? "without other files" : "NOT kept from other files")}");
    }

    private static async Task<(FindingState, string)> LookAtCloudinaryAsync(CloudinaryOptions options, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.ApiUrl, $"/v1_1/{options.CloudName}/ping"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.ApiKey}:{options.ApiSecret}")));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => (FindingState.Ok, "takes the key"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => (FindingState.Failed, "it refuses the key. Correct Cloudinary__ApiKey and Cloudinary__ApiSecret; its console shows them under API keys."),
            HttpStatusCode.NotFound => (FindingState.Failed, "it knows no such cloud. Correct Cloudinary__CloudName."),
            var status => (FindingState.Warning, $"it answers {(int)status}"),
        };
    }
}
