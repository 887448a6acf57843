using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Streaming.Tests.Http;

/// <summary>A page of another origin than the program's, whose scripts make the requests that the second system's front end makes.</summary>
internal sealed class FrontEndPage : IAsyncDisposable
{
    private readonly WebApplication app;

    private FrontEndPage(WebApplication app) => this.app = app;

    public string Url => app.Urls.Single();

    public static async Task<FrontEndPage> StartAsync(Uri server)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var page = Html.Replace("SERVER", server.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        app.MapGet("/", () => Results.Text(page, "text/html"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new FrontEndPage(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private const string Html = """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>A player</title><link rel="icon" href="data:,"></head>
        <body>
        <input type="file" id="file" aria-label="File">
        <input id="title" aria-label="Title">
        <p id="message" role="status"></p>
        <ul id="videos"></ul>
        <video id="player" muted width="320" height="240"></video>
        <script>
        async function call(method, path, body) {
          const headers = {};
          const token = sessionStorage.getItem('authToken');
          if (token) headers['Authorization'] = `Bearer ${token}`;
          if (typeof body === 'string') headers['Content-Type'] = 'application/json';
          const response = await fetch('SERVER' + path, { method, headers, body });
          const data = await response.json();
          if (!response.ok) throw new Error(data.message);
          return data;
        }
        async function signIn(email, password) {
          await call('POST', '/api/users/register', JSON.stringify({ email, password, username: 'Zoë ?~>' }));
          const { token } = await call('POST', '/api/users/login', JSON.stringify({ email, password }));
          sessionStorage.setItem('authToken', token);
          return JSON.parse(atob(token.split('.')[1])).id;
        }
        async function upload(file) {
          const form = new FormData();
          form.append('video', file);
          form.append('title', document.getElementById('title').value);
          return (await call('POST', '/api/videos/upload', form)).message;
        }
        function uploadChosen() { return upload(document.getElementById('file').files[0]); }
        /** The message of what must fail. */
        async function refusal(promise) {
          try { await promise; } catch (error) { return error.message; }
          return null;
        }
        async function dashboard() {
          const { videos } = await call('GET', '/api/videos/stream?start=0');
          const { totalSizeMb, maxStorageMb, usagePercentage } = await call('GET', '/api/storage/usage');
          const { totalUsageMb, dailyLimitMb } = await call('GET', '/api/usage/daily-usage');
          document.getElementById('message').textContent =
            `${totalSizeMb.toFixed(2)} of ${maxStorageMb} MB (${usagePercentage} %), today ${totalUsageMb.toFixed(2)} of ${dailyLimitMb} MB`;
          const list = document.getElementById('videos');
          list.replaceChildren();
          const images = videos.map(video => {
            const image = new Image(160, 120);
            image.alt = video.title;
            const item = document.createElement('li');
            item.id = `video-${video.filename}`;
            item.append(image, video.title);
            list.append(item);
            return new Promise(resolve => {
              image.onload = () => resolve({ title: video.title, filename: video.filename, width: image.naturalWidth });
              image.onerror = () => resolve({ title: video.title, filename: video.filename, width: 0 });
              image.src = video.filepath.replace('.mp4', '.jpg');
            });
          });
          return await Promise.all(images);
        }
        function once(player, name) {
          return new Promise((resolve, reject) => {
            player.addEventListener(name, resolve, { once: true });
            player.addEventListener('error', () => reject(new Error(player.error.message)), { once: true });
          });
        }
        async function play(filename) {
          const player = document.getElementById('player');
          const loaded = once(player, 'loadedmetadata');
          player.src = (await call('GET', `/api/videos/stream/${filename}`)).url;
          await loaded;
          const seeked = once(player, 'seeked');
          player.currentTime = 1;
          await seeked;
          const moved = once(player, 'timeupdate');
          await player.play();
          await moved;
          player.pause();
          return { duration: player.duration, width: player.videoWidth, at: player.currentTime };
        }
        </script>
        </body>
        </html>
        """;
}
