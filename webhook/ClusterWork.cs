using System.Security.Cryptography;
using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Configuration;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Missed;
using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook;

/// <summary>Adds to the program what it does with the API server besides answering it.</summary>
internal static class ClusterWork
{
    /// <summary>Adds nothing if nothing of it is configured.</summary>
    public static void AddTo(
        IServiceCollection services, WebhookOptions options, ClusterAccess access, ServerCertificate certificate, TimeProvider time)
    {
        if (options.SelfManaged is null && !options.Missed.Report)
            return;
        services.AddSingleton(_ => new ApiClient(access, time));
        services.AddSingleton(provider => new Election(
            provider.GetRequiredService<ApiClient>(), access.Namespace, NameOfThisProcess(), time, provider.GetRequiredService<ILogger<Election>>()));
        services.AddHostedService(provider => provider.GetRequiredService<Election>());
        if (options.SelfManaged is { } names)
            services.AddHostedService(provider => new CertificateLoop(
                provider.GetRequiredService<ApiClient>(), provider.GetRequiredService<Election>(), certificate, names, access.Namespace,
                time, provider.GetRequiredService<ILogger<CertificateLoop>>()));
        if (!options.Missed.Report)
            return;
        services.AddSingleton<MissedMetrics>();
        services.AddHostedService(provider => new MissedLoop(
            provider.GetRequiredService<ApiClient>(), provider.GetRequiredService<Election>(),
            new MissedPlace(access.Namespace, options.SelfManaged?.Webhook), options.Missed,
            provider.GetRequiredService<Func<InjectionSettings>>(), provider.GetRequiredService<MissedMetrics>(), time,
            provider.GetRequiredService<ILogger<MissedLoop>>()));
    }

    /// <summary>A pod that was restarted is another holder: what it wrote before may be half done.</summary>
    private static string NameOfThisProcess() => $"{Environment.MachineName}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
}
