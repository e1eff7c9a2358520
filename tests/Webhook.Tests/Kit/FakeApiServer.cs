using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using SidecarAgent.Testing;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>
/// An API server over real HTTPS, as far as the webhook uses one: objects with resourceVersions, conflicts, JSON patches,
/// lists in pages, bearer tokens, and whatever failures a test asks for.
/// </summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    public const string Namespace = "sidecar-agent";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<string> _requests = [];
    private readonly TemporaryDirectory _directory = new();
    private readonly TestCertificates _certificates;
    private readonly TimeProvider _time;
    private WebApplication? _app;
    private int _port;
    private int _version = 100;

    private FakeApiServer(TimeProvider time)
    {
        _time = time;
        _certificates = new TestCertificates(_directory.Path);
        Token = "first-token";
        _directory.Write("namespace", Namespace);
    }

    /// <summary>What it accepts, and what the pod's token file says.</summary>
    public string Token
    {
        get => field;
        set
        {
            field = value;
            _directory.Write("token", value + "\n");
        }
    }

    /// <summary>By how much its clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>Answers instead of it: a status for what is to fail. Called with, say, "PUT api/v1/...".</summary>
    public Func<string, int?> Fails { get; set; } = _ => null;

    /// <summary>Does what is asked, and then answers with a failure all the same.</summary>
    public Func<string, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>Called before a request is looked at; a test waits in it, or changes objects behind the caller's back.</summary>
    public Func<string, Task> BeforeAsync { get; set; } = _ => Task.CompletedTask;

    public ClusterAccess Access => ClusterAccess.Find(
        name => name.EndsWith("HOST", StringComparison.Ordinal) ? "127.0.0.1" : $"{_port}", _directory.Path)!;

    public string CaFile => _certificates.CaFile;

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    public IReadOnlyList<string> Writes => [.. Requests.Where(request => !request.StartsWith("GET ", StringComparison.Ordinal))];

    public static async Task<FakeApiServer> StartAsync(TimeProvider time)
    {
        var server = new FakeApiServer(time);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>On the same port as before, with the same objects.</summary>
    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, _port, listen => listen.UseHttps(_certificates.Server)));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
    }

    public async Task StopAsync()
    {
        await _app!.DisposeAsync();
        _app = null;
    }

    /// <summary>A copy of an object; null if there is none.</summary>
    public JsonObject? Find(string path)
    {
        lock (_lock)
            return (JsonObject?)_objects.GetValueOrDefault(path)?.DeepClone();
    }

    public IReadOnlyList<JsonObject> Below(string path)
    {
        lock (_lock)
            return [.. _objects.Where(o => o.Key.StartsWith(path + "/", StringComparison.Ordinal)).Select(o => (JsonObject)o.Value.DeepClone())];
    }

    /// <summary>As somebody else with <c>kubectl</c> would.</summary>
    public void Put(string path, JsonObject value)
    {
        lock (_lock)
            Store(path, (JsonObject)value.DeepClone());
    }

    public void Delete(string path)
    {
        lock (_lock)
            _objects.Remove(path);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value![1..];
        var said = $"{context.Request.Method} {path}";
        lock (_lock)
            _requests.Add(said);
        await BeforeAsync(said);
        var body = context.Request.Method == "GET" ? null : await JsonNode.ParseAsync(context.Request.Body);
        int status;
        JsonObject answer;
        lock (_lock)
            (status, answer) = Answer(context.Request, said, path, body);
        if (LosesAnswer(said))
            (status, answer) = Status(504, "the answer was lost");
        context.Response.StatusCode = status;
        context.Response.Headers.Date = (_time.GetUtcNow() + Ahead).ToString("R");
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private (int Status, JsonObject Answer) Answer(HttpRequest request, string said, string path, JsonNode? body)
    {
        if (request.Headers.Authorization != $"Bearer {Token}")
            return Status(401, "Unauthorized");
        if (Fails(said) is { } failure)
            return Status(failure, $"{said} is forbidden: User \"system:serviceaccount:sidecar-agent:sidecar-webhook\" cannot do it");
        return request.Method switch
        {
            "GET" when path == "api/v1/pods" => PodList.Page(_objects, request),
            "GET" => _objects.TryGetValue(path, out var found) ? (200, (JsonObject)found.DeepClone()) : Status(404, $"{path} not found"),
            "POST" => Create(path, (JsonObject)body!),
            "PUT" => Replace(path, (JsonObject)body!),
            "PATCH" when request.ContentType == ApiClient.JsonPatch => Patch(path, (JsonArray)body!),
            _ => Status(415, "the body of the request was in an unknown format"),
        };
    }

    private (int Status, JsonObject Answer) Create(string path, JsonObject body)
    {
        if (path.EndsWith("/eviction", StringComparison.Ordinal))
            return Evict(path[..^"/eviction".Length], body);
        var at = $"{path}/{body["metadata"]!["name"]}";
        return _objects.ContainsKey(at) ? Status(409, $"{at} already exists") : (201, Store(at, (JsonObject)body.DeepClone()));
    }

    private (int Status, JsonObject Answer) Evict(string pod, JsonObject eviction)
    {
        if (!_objects.TryGetValue(pod, out var found))
            return Status(404, "no such pod");
        if ((string?)eviction["deleteOptions"]?["preconditions"]?["uid"] != (string?)found["metadata"]!["uid"])
            return Status(409, "the UID in the precondition does not match");
        _objects.Remove(pod);
        return (201, new JsonObject { ["kind"] = "Status", ["status"] = "Success" });
    }

    private (int Status, JsonObject Answer) Replace(string path, JsonObject body)
    {
        if (!_objects.TryGetValue(path, out var found))
            return Status(404, $"{path} not found");
        return (string?)body["metadata"]!["resourceVersion"] == (string?)found["metadata"]!["resourceVersion"]
            ? (200, Store(path, (JsonObject)body.DeepClone()))
            : Status(409, $"Operation cannot be fulfilled on {path}: the object has been modified");
    }

    private (int Status, JsonObject Answer) Patch(string path, JsonArray patch)
    {
        if (!_objects.TryGetValue(path, out var found))
            return Status(404, $"{path} not found");
        var changed = (JsonObject)PatchApplier.Apply(found, patch)!;
        return Replace(path, changed);
    }

    private JsonObject Store(string path, JsonObject value)
    {
        var metadata = (JsonObject)(value["metadata"] ??= new JsonObject());
        metadata["resourceVersion"] = $"{++_version}";
        _objects[path] = value;
        return (JsonObject)value.DeepClone();
    }

    private static (int Status, JsonObject Answer) Status(int status, string message) =>
        (status, new JsonObject { ["kind"] = "Status", ["status"] = "Failure", ["message"] = message, ["code"] = status });
}
