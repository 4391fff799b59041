// The panel's first script. Every form works without it; it makes them quicker and adds keys.

import { startSignOut } from './autosave';
import './list';
import './picker';
import './quick';
import './when';
import './upload';
import './focal';
import './textfields';
import './prose';
import './selection';
import './moderate';
import './note';
import './preview';
import './unithelp';
import { startForms } from './form';
import { startKeymap } from './keymap';
import { startLeads } from './lead';
import { mount } from './mount';
import { startNavigation } from './navigation';
import { startSwaps } from './swap';
import { startDates } from './when';

document.documentElement.classList.add('js');
startSwaps(); // before startForms, which looks at what is left to the browser
startForms();
startDates();
startSignOut();
startNavigation();
startKeymap();
startLeads();
mount(document);
