using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Demonstration;

/// <summary>The main job, step by step, as it would happen in a cluster.</summary>
internal sealed class Demo(LocalInstallation installation, Story story, TimeProvider time)
{
    private const string Secret = "kv/shop/orders";
    private const string Application = "orders";
    private const string Agent = "sidecar-agent";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly List<string> _passwords = [];
    private LocalPod _pod = null!;

    /// <exception cref="InstallationException">A step did not do what it should.</exception>
    public async Task RunAsync(bool keep, CancellationToken cancellationToken)
    {
        await StartServersAsync(cancellationToken);
        await PutSecretAsync(cancellationToken);
        var pod = await InjectAsync(cancellationToken);
        await RunPodAsync(pod, cancellationToken);
        await RotateAsync(cancellationToken);
        await ShowMetricsAsync(cancellationToken);
        await ShowHoldersAsync(cancellationToken);
        if (keep)
            await new KeptDemo(installation, _pod, story, time).WaitAsync(cancellationToken);
        await RevokeAsync(cancellationToken);
        await VerifyAuditAsync(cancellationToken);
        SearchForLeaks();
        await StopAsync();
    }

    private async Task StartServersAsync(CancellationToken cancellationToken)
    {
        story.Step("Keys and certificates for development");
        story.Say($"made by 'sidecar-broker init-key', 'sidecarctl dev certificate' and 'sidecarctl dev token'\nin {installation.Work.Root} (tmpfs, removed at the end)");

        story.Step("The broker and the webhook start");
        await installation.Broker.Server.StartAsync(cancellationToken);
        story.Say($"the broker serves gRPC on {installation.Broker.Address}, TLS 1.3");
        await installation.Webhook.Server.StartAsync(cancellationToken);
        story.Say($"the webhook serves admission reviews on {installation.Webhook.Address}");
    }

    private async Task PutSecretAsync(CancellationToken cancellationToken)
    {
        story.Step("An operator puts a secret; the broker makes the password, nobody sees it");
        await SidecarctlAsync(
            cancellationToken,
            "secret", "put", Secret, "username=orders-app", "--identifier", "username", "--generate", "password=32");
    }

    private async Task<JsonObject> InjectAsync(CancellationToken cancellationToken)
    {
        story.Step("A developer creates a pod with three annotations; the webhook injects the agent");
        var pod = PodFile.Read(Path.Combine(installation.Programs.Repository, "examples/quickstart/pod.yaml"));
        foreach (var (name, value) in pod["metadata"]!["annotations"]!.AsObject())
            story.Say($"asked:    {name}: {value}");
        var injected = await installation.AdmitAsync(pod, cancellationToken);
        foreach (var line in InjectionSummary.Of(pod, injected))
            story.Say($"injected: {line}");
        return injected;
    }

    private async Task RunPodAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        story.Step("The pod runs: first the agent, then, when the files are there, the application");
        var began = time.GetTimestamp();
        _pod = installation.CreatePod(pod, Tell, firstRestartDelay: TimeSpan.FromSeconds(1), cancellationToken);
        await WithPatienceAsync("the pod did not start", _pod.Run.StartAsync, cancellationToken);
        await SaidAsync(Application, "ready on ", after: 0, cancellationToken);
        story.Say($"running after {time.GetElapsedTime(began).TotalMilliseconds:0} ms");
        story.Say($"a customer asks: {await AskApplicationAsync(cancellationToken)}");
        RememberPassword();
    }

    private async Task RotateAsync(CancellationToken cancellationToken)
    {
        story.Step("The password is rotated");
        var said = _pod.Run.Container(Application).Output.Count;
        using var watch = new DataLinkWatch(MountDirectory(), time);
        await SidecarctlAsync(cancellationToken, "rotate", Secret);
        var file = await WithPatienceAsync("the file did not change", watch.Changed.WaitAsync, cancellationToken);
        var notified = await SaidAsync(Application, "told to reload", said, cancellationToken);
        var timing = await RotationTiming.ReadAsync(installation.Sidecarctl, Secret, Patience, time, cancellationToken);
        story.Say($"version {timing.Version} was activated; milliseconds from then until");
        story.Say($"  the file has changed:            {Milliseconds(file - timing.ActivatedAt)}");
        story.Say($"  the application was notified:    {Milliseconds(notified.At - timing.ActivatedAt)}");
        story.Say($"  the broker has the agent's word: {Milliseconds(timing.AcknowledgedAt - timing.ActivatedAt)}");
        RememberPassword();
        if (_passwords[0] == _passwords[1])
            throw new InstallationException("the rotation did not change the password");
    }

    private async Task ShowMetricsAsync(CancellationToken cancellationToken)
    {
        story.Step("Prometheus scrapes the agent");
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(_pod.Agent, "/metrics"), cancellationToken);
        foreach (var name in (string[])["lease_expiry_timestamp_seconds", "secret_version", "broker_connected", "stale"])
        {
            var line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith($"sidecar_agent_{name}", StringComparison.Ordinal))
                ?? throw new InstallationException($"the agent's metrics have no sidecar_agent_{name}");
            story.Say(line);
        }
    }

    private async Task ShowHoldersAsync(CancellationToken cancellationToken)
    {
        story.Step("Who holds the secret?");
        await SidecarctlAsync(cancellationToken, "holders", Secret);
    }

    private async Task RevokeAsync(CancellationToken cancellationToken)
    {
        story.Step("The workload is cut off: its lease ends, its files go");
        await SidecarctlAsync(
            cancellationToken, "revoke", "--workload", "shop/orders", "--reason", "this is a drill");
        await WithPatienceAsync("the file is still there", UntilFileIsGoneAsync, cancellationToken);
        story.Say($"a customer asks: {await AskApplicationAsync(cancellationToken)}");
    }

    private async Task VerifyAuditAsync(CancellationToken cancellationToken)
    {
        story.Step("The audit log is whole");
        await SidecarctlAsync(cancellationToken, "audit", "verify", installation.Broker.AuditFile);
    }

    private void SearchForLeaks()
    {
        story.Step("Neither password is anywhere that it should not be");
        var search = new LeakSearch(_passwords);
        search.Directory(installation.Work.Root, directory => directory == MountDirectory());
        foreach (var name in (string[])[Agent, Application])
            search.Process(name, _pod.Run.Container(name).ProcessId!.Value);
        search.Process("broker", installation.Broker.Server.ProcessId!.Value);
        search.Process("webhook", installation.Webhook.Server.ProcessId!.Value);
        search.Text("the output of this demo", story.Told);
        if (search.Findings.Count > 0)
            throw new InstallationException(string.Join('\n', search.Findings));
        story.Say($"searched {search.Places} places: logs, audit log, database, configurations, environments, command lines, this output");
    }

    private async Task StopAsync()
    {
        story.Step("Everything stops: the application, then the agent, then webhook and broker");
        await _pod.Run.StopAsync();
        await installation.Webhook.Server.StopAsync();
        await installation.Broker.Server.StopAsync();
        story.Say($"{installation.Work.Root} is removed");
    }

    private async Task SidecarctlAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        story.Say($"$ sidecarctl {string.Join(' ', arguments.Select(word => word.Contains(' ') ? $"'{word}'" : word))}");
        story.Say(await installation.Sidecarctl.RunAsync(cancellationToken, arguments));
    }

    private async Task<string> AskApplicationAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return Displayed(Application, (await http.GetStringAsync(_pod.Application, cancellationToken)).Trim());
    }

    private async Task UntilFileIsGoneAsync(CancellationToken cancellationToken)
    {
        while (File.Exists(Path.Combine(MountDirectory(), "db.json")))
            await Task.Delay(BetweenLooks, time, cancellationToken);
    }

    private string MountDirectory() => _pod.Run.Container(Agent).Mounts.ToHost("/secrets");

    private void RememberPassword()
    {
        var file = Path.Combine(MountDirectory(), "db.json");
        _passwords.Add((string)JsonNode.Parse(File.ReadAllText(file))!["password"]!);
    }

    private static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds,6:0}";

    private void Tell(string container, OutputLine line) => story.Say($"[{container}] {Displayed(container, line.Text)}");

    // The paths that the container would see.
    private string Displayed(string container, string text) =>
        container == "pod" ? text : _pod.Run.Container(container).Mounts.ToContainer(text);

    private Task<OutputLine> SaidAsync(string container, string beginning, int after, CancellationToken cancellationToken) =>
        WithPatienceAsync(
            $"{container} did not say '{beginning}'",
            stop => _pod.Run.Container(container).Output.WaitForAsync(
                line => line.StartsWith(beginning, StringComparison.Ordinal), after, stop),
            cancellationToken);

    private async Task WithPatienceAsync(
        string failure, Func<CancellationToken, Task> wait, CancellationToken cancellationToken) =>
        await WithPatienceAsync(
            failure,
            async stop =>
            {
                await wait(stop);
                return 0;
            },
            cancellationToken);

    private async Task<T> WithPatienceAsync<T>(
        string failure, Func<CancellationToken, Task<T>> wait, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await wait(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InstallationException(
                $"{failure} within {Patience.TotalSeconds} s; the agent's last lines:\n{LogTail.Of(_pod.Run.Container(Agent).Output)}");
        }
    }
}
