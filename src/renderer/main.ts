/** The window's entry: the real host, from the preload's bridge. Without a bridge (opened as a plain page) it says so and stops. */
import './styles/main.css'
import { createBridgeHost } from './host/bridge-host'
import { mountWindow } from './mount'

if (window.workbench) void mountWindow(createBridgeHost(window.workbench), '#app')
else document.body.textContent = 'This page belongs to Broker Workbench and works inside its window only.'
