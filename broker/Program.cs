using SidecarAgent.Broker;

Hardening.KeepMemoryPrivate();
return await Commands.RunAsync(args);
